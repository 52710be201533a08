// Starts the language server, and offers its commands.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { LanguageClient, LanguageClientOptions, ServerOptions } from "vscode-languageclient/node";

const NAME = "lint-multistage";
const FIX_ALL = `source.fixAll.${NAME}`;
const INSTALL = "https://github.com/lint-multistage/lint-multistage#install";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand(`${NAME}.fixAll`, fixAll),
    vscode.commands.registerCommand(`${NAME}.showGraph`, showGraph),
    vscode.commands.registerCommand(`${NAME}.restart`, restart),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration(NAME)) {
        await restart();
      }
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function start(): Promise<void> {
  const settings = vscode.workspace.getConfiguration(NAME);
  if (!settings.get<boolean>("enable", true)) {
    return;
  }
  const server: ServerOptions = { command: program(), args: ["lsp", ...settings.get<string[]>("args", [])] };
  const options: LanguageClientOptions = {
    documentSelector: [
      { language: "dockerfile" },
      // What is typed in build files counts, too.
      { pattern: "**/*{compose,bake}*.{yml,yaml,hcl,json}" },
      { pattern: "**/.github/workflows/*.{yml,yaml}" },
    ],
    initializationOptions: {
      config: settings.get<string>("config", ""),
      select: settings.get<string[]>("select", []),
      ignore: settings.get<string[]>("ignore", []),
    },
  };
  const starting = new LanguageClient(NAME, NAME, server, options);
  try {
    await starting.start();
    client = starting;
  } catch (error) {
    await absent(error);
  }
}

/** The program that is set, that of the folder's virtual environment, or the one on the PATH. */
export function program(): string {
  const set = vscode.workspace.getConfiguration(NAME).get<string>("path", "");
  if (set) {
    return set;
  }
  const [folder, file] = process.platform === "win32" ? ["Scripts", `${NAME}.exe`] : ["bin", NAME];
  for (const root of vscode.workspace.workspaceFolders ?? []) {
    for (const environment of [".venv", "venv"]) {
      const found = path.join(root.uri.fsPath, environment, folder, file);
      if (existsSync(found)) {
        return found;
      }
    }
  }
  return NAME;
}

async function absent(error: unknown): Promise<void> {
  const reason = error instanceof Error ? error.message : String(error);
  const how = "How to install it";
  const said = `${NAME} could not be started: ${reason}`;
  if ((await vscode.window.showErrorMessage(said, how)) === how) {
    await vscode.env.openExternal(vscode.Uri.parse(INSTALL));
  }
}

async function fixAll(): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    return;
  }
  const whole = new vscode.Range(0, 0, editor.document.lineCount, 0);
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    editor.document.uri,
    whole,
    FIX_ALL,
  );
  for (const action of actions ?? []) {
    if (action.edit && action.kind?.value === FIX_ALL) {
      await vscode.workspace.applyEdit(action.edit);
      return;
    }
  }
  await vscode.window.showInformationMessage(`${NAME}: there is nothing that is safe to fix.`);
}

async function showGraph(): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document) {
    return;
  }
  try {
    const folder = vscode.workspace.getWorkspaceFolder(document.uri)?.uri.fsPath ?? path.dirname(document.uri.fsPath);
    const { stdout } = await promisify(execFile)(
      program(),
      ["graph", "--format", "mermaid", path.relative(folder, document.uri.fsPath) || document.uri.fsPath],
      { cwd: folder },
    );
    const content = `# ${path.basename(document.uri.fsPath)}\n\n\`\`\`mermaid\n${stdout.trim()}\n\`\`\`\n`;
    const drawn = await vscode.workspace.openTextDocument({ language: "markdown", content });
    await vscode.window.showTextDocument(drawn, vscode.ViewColumn.Beside);
  } catch (error) {
    await absent(error);
  }
}
