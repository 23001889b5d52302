/** The looks of a story's page: one style sheet, for light and dark, screens of any width, and paper. */

export const STYLE = `
:root{color-scheme:light dark;--bg:#fbfaf7;--fg:#1c1d21;--soft:#5d6069;--line:#d5d3cb;--card:#fff;--code:#f0eee7;
--shared:#0b7a4b;--shared-bg:#e3f5ea;--cow:#a04a00;--cow-bg:#fdf0dd;--table:#3b5b92;--table-bg:#eef3fb;--private:#55585f;--private-bg:#f4f4f1}
@media(prefers-color-scheme:dark){:root{--bg:#15171b;--fg:#e7e7e3;--soft:#a3a7b0;--line:#3a3e46;--card:#1c1f25;--code:#262a31;
--shared:#5fd39a;--shared-bg:#143226;--cow:#f0ab5c;--cow-bg:#3a2812;--table:#9db9ea;--table-bg:#1d2a40;--private:#b4b8c0;--private-bg:#262a30}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--fg);font:1.02rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
header,main,footer{max-width:52rem;margin:0 auto;padding:0 1.1rem}
header{padding-top:2.2rem}
h1{font-size:1.75rem;line-height:1.25;margin:0 0 1rem}
h2{font-size:1.4rem;line-height:1.3;margin:3.2rem 0 .3rem;padding-top:1rem;border-top:3px solid var(--fg)}
h3{font-size:1.08rem;line-height:1.4;margin:2rem 0 .2rem}
h1,h2,h3,p,li,td{overflow-wrap:anywhere}
p{margin:.5rem 0}
.note{color:var(--soft);font-size:.86rem;margin:0 0 .6rem}
.text p{margin:.35rem 0}
code,pre,.mono,.bytes{font-family:ui-monospace,"SF Mono","Cascadia Mono","DejaVu Sans Mono",Menlo,Consolas,monospace}
code{font-size:.88em;background:var(--code);border-radius:4px;padding:.08em .3em}
h3 code,h2 code,h1 code{background:none;padding:0}
pre{font-size:.82rem;line-height:1.45;background:var(--code);border-radius:8px;padding:.8rem 1rem;overflow-x:auto;margin:.7rem 0}
pre.output{border-left:4px solid var(--soft);border-radius:0 8px 8px 0}
ul{padding-left:1.2rem;margin:.6rem 0}
li{margin:.25rem 0}
nav ol,nav ul{columns:2 16rem;list-style:none;padding:0;margin:.5rem 0 0}
nav li{break-inside:avoid}
a{color:inherit;text-decoration-color:var(--soft);text-underline-offset:.2em}
a:focus-visible,summary:focus-visible,.drawing:focus-visible{outline:3px solid var(--table);outline-offset:2px}
figure{margin:1rem 0;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1rem}
figcaption{font-size:.9rem;color:var(--soft);margin-bottom:.6rem}
.drawing{overflow-x:auto}
figure .drawing{margin-bottom:1.2rem}
svg{display:block;max-width:100%;height:auto;margin:0 auto}
@media(max-width:40rem){svg.wide{max-width:none}figure{margin-left:-.6rem;margin-right:-.6rem;padding:.7rem}h1{font-size:1.45rem}}
details{margin-top:.7rem;font-size:.9rem}
summary{cursor:pointer;color:var(--soft)}
table{border-collapse:collapse;width:100%;margin:1rem 0;font-size:.95rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border-bottom:1px solid var(--line)}
td:first-child,th:first-child{padding-left:0}
.legend dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem .9rem;margin:.5rem 0}
.legend dt{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;font-weight:600}
.legend dd{margin:0}
footer{color:var(--soft);font-size:.86rem;padding-top:2.5rem;padding-bottom:3rem}
svg text{fill:var(--fg);font-size:14px}
svg .mono{font-size:13px}
svg .process{font-weight:700;font-size:15px}
svg .soft{fill:var(--soft)}
svg .area,svg .small,svg .note{fill:var(--soft);font-size:13px}
svg .level{font-weight:700}
svg .strong{font-weight:700;font-size:14px}
svg .bytes{font-size:13px}
svg .was{fill:var(--soft);font-size:10.8px}
svg .bytes.was{font-size:13px;text-decoration:line-through}
svg .end{text-anchor:end}
svg .middle{text-anchor:middle}
svg .entry,svg .frame{stroke-width:1.5;stroke:var(--private);fill:var(--private-bg)}
svg .entry.table{stroke:var(--table);fill:var(--table-bg)}
svg .entry.none{stroke-dasharray:2 4;fill:none}
svg .shared{stroke:var(--shared)}
svg .entry.shared,svg .frame.shared{fill:var(--shared-bg);stroke-width:2.5}
svg .cow{stroke:var(--cow)}
svg .entry.cow,svg .frame.cow{fill:var(--cow-bg);stroke-width:2;stroke-dasharray:7 4}
svg .bit{stroke:var(--fg);stroke-width:1}
svg .bit.set{fill:var(--fg)}
svg .bit.mark{fill:var(--cow);stroke:var(--cow)}
svg .bit.clear{fill:none;stroke:var(--soft);stroke-dasharray:2 2}
svg .bitname{font-size:11px;font-weight:700}
svg .bitname.set{fill:var(--card)}
svg .bitname.clear{fill:var(--soft)}
svg .arrow{fill:none;stroke:var(--private);stroke-width:1.8}
svg .arrow.walk{stroke:var(--table)}
svg .arrow.shared{stroke:var(--shared);stroke-width:2.6}
svg .arrow.cow{stroke:var(--cow);stroke-dasharray:7 4}
svg .arrow.old{stroke:var(--soft);stroke-dasharray:2 4}
svg .head{fill:var(--private);stroke:none}
svg .head.walk{fill:var(--table)}
svg .head.shared{fill:var(--shared)}
svg .head.cow{fill:var(--cow)}
svg .head.old{fill:var(--soft)}
svg .lane{fill:none;stroke:var(--table);stroke-width:2.5}
svg .lane-event{fill:var(--table);stroke:var(--card);stroke-width:2}
svg .lane-end{stroke:var(--table);stroke-width:4}
svg a text{text-decoration:underline}
svg .link{font-size:15px}
@media print{body{background:#fff}figure{break-inside:avoid}details,nav{display:none}}
`;

/** The policy of a story's page names it; a browser has no hash without waiting. test/cli/explain.test.ts compares. */
export const STYLE_SHA256 = 'u5vLOVE65YSgCiU9ef9hMn3li3EnM8TSQysQz+YX+AY=';
