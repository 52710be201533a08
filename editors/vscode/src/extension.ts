// Starts the language server, and offers its commands.

import { execFile } from "node:child_process";
import * as vscode from "vscode";
import { LanguageClient, LanguageClientOptions } from "vscode-languageclient/node";
import { showGraph } from "./graph";
import { NAME, program } from "./program";

const FIX_ALL = `source.fixAll.${NAME}`;
const INSTALL = "https://github.com/lint-multistage/lint-multistage#editors";

let client: LanguageClient | undefined;
// Starts and stops follow each other: settings may change while the server is still starting.
let turn: Promise<void> = Promise.resolve();

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand(`${NAME}.fixAll`, fixAll),
    vscode.commands.registerCommand(`${NAME}.showGraph`, () => graph(context)),
    vscode.commands.registerCommand(`${NAME}.restart`, restart),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration(NAME) && !event.affectsConfiguration(`${NAME}.trace`)) {
        await restart();
      }
    }),
  );
  await restart();
}

export async function deactivate(): Promise<void> {
  await (turn = turn.then(stop));
}

async function restart(): Promise<void> {
  await (turn = turn.then(stop).then(start));
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.dispose().catch(() => undefined); // a server that died cannot say goodbye
}

async function start(): Promise<void> {
  const settings = vscode.workspace.getConfiguration(NAME);
  if (!settings.get<boolean>("enable", true)) {
    return;
  }
  const command = await program();
  if (!command) {
    notThere();
    return;
  }
  const args = ["lsp", ...settings.get<string[]>("args", [])];
  const cwd = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const refused = await refusal(command, args, cwd);
  if (refused) {
    say(`${NAME} lsp could not be started: ${refused}`);
    return;
  }
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
  const starting = new LanguageClient(NAME, NAME, { command, args, options: { cwd } }, options);
  try {
    await starting.start();
    client = starting;
  } catch (error) {
    say(`${NAME} lsp could not be started: ${reason(error)}`);
  }
}

/**
 * Why the server does not start, in its own words; undefined where it does. It is given an input that is at its end, at
 * which a server says goodbye: the client would tell of one that refuses in several messages, none of which says why.
 */
function refusal(command: string, args: string[], cwd: string | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = execFile(command, args, { cwd, timeout: 20_000 }, (error, _, errors) =>
      resolve(error && !error.killed ? errors.trim().split("\n").at(-1) || error.message : undefined),
    );
    child.stdin?.on("error", () => {}); // it ended before its input did
    child.stdin?.end();
  });
}

function notThere(): void {
  const set = vscode.workspace.getConfiguration(NAME).get<string>("path", "");
  say(set ? `${NAME}.path: there is no program ${set}.` : `The program ${NAME} was not found; install it, or set ${NAME}.path.`);
}

/** Show an error and how to mend it. Nothing waits until the message is clicked away. */
function say(message: string): void {
  const how = "How to install it";
  void vscode.window.showErrorMessage(message, how).then((clicked) => {
    if (clicked === how) {
      void vscode.env.openExternal(vscode.Uri.parse(INSTALL));
    }
  });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function fixAll(): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document) {
    return;
  }
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    whole,
    FIX_ALL,
  );
  const action = actions?.find((each) => each.edit && each.kind?.value === FIX_ALL);
  if (action?.edit) {
    await vscode.workspace.applyEdit(action.edit);
  } else {
    void vscode.window.showInformationMessage(`${NAME}: there is nothing that is safe to fix.`);
  }
}

async function graph(context: vscode.ExtensionContext): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document) {
    return;
  }
  const command = await program();
  if (!command) {
    notThere();
    return;
  }
  try {
    await showGraph(context, command, document);
  } catch (error) {
    void vscode.window.showErrorMessage(`${NAME} graph: ${reason(error)}`);
  }
}
