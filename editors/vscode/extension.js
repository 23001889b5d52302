// Starts `pml4 dap` for a session of the type `pml4`. Everything else is in the adapter.
const vscode = require('vscode');

exports.activate = (context) => {
  const factory = {
    createDebugAdapterDescriptor() {
      const command = vscode.workspace.getConfiguration('pml4').get('command', 'pml4');
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
      return new vscode.DebugAdapterExecutable(command, ['dap'], folder === undefined ? {} : { cwd: folder });
    },
  };
  context.subscriptions.push(vscode.debug.registerDebugAdapterDescriptorFactory('pml4', factory));
};
