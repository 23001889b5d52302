# Names that overlap, share a place, have no size, or end before the next begins.
	.text
	.globl _start, middle, z_alias
	.type outer, @function
outer:	nop
	nop
	.type inner, @function
inner:	nop
	.size inner, . - inner
	nop
	nop
	.size outer, . - outer
	nop			# of nobody
	nop
_start:	nop			# no size
label:	nop
	nop
	.type middle, @function
middle:
a_alias:
z_alias:
	nop
	nop
	.size middle, . - middle
	nop			# behind middle: of what has no size
tail:	ret
	.data
value:	.quad 1
	.size value, 8
more:	.quad 2
end_of_data:
	.bss
zeros:	.skip 16
