// Where the lint-multistage program is.

import { accessSync, constants, statSync } from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";

export const NAME = "lint-multistage";
const [SCRIPTS, FILE] = process.platform === "win32" ? ["Scripts", `${NAME}.exe`] : ["bin", NAME];

/** What is used here of the Python extension's interface: the package `@vscode/python-extension` describes it. */
interface Python {
  environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(environment: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
  };
}

/**
 * The program that is set; else that of a folder's virtual environment, that beside the chosen interpreter, or the one
 * on the PATH. Undefined where there is none.
 */
export async function program(): Promise<string | undefined> {
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  const set = vscode.workspace.getConfiguration(NAME).get<string>("path", "").trim();
  if (set) {
    const place = set.replaceAll("${workspaceFolder}", folders[0] ?? "");
    return /[\\/]/.test(place) ? executable(path.resolve(folders[0] ?? "", place)) : onPath(place);
  }
  const environments = folders.flatMap((folder) => [".venv", "venv"].map((name) => path.join(folder, name, SCRIPTS)));
  const inFolder = environments.map((folder) => executable(path.join(folder, FILE))).find(Boolean);
  return inFolder ?? (await besideInterpreter()) ?? onPath(NAME);
}

async function besideInterpreter(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<Python>("ms-python.python");
  if (!extension) {
    return undefined;
  }
  try {
    const { environments } = await extension.activate();
    const chosen = environments.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
    const python = (await environments.resolveEnvironment(chosen))?.executable.uri?.fsPath;
    const folder = python && path.dirname(python);
    // On Windows the interpreter may lie above the folder of the scripts.
    return folder && (executable(path.join(folder, FILE)) ?? executable(path.join(folder, SCRIPTS, FILE)));
  } catch {
    return undefined; // another extension's failure is not this one's
  }
}

function onPath(name: string): string | undefined {
  const endings = process.platform === "win32" ? ["", ".exe"] : [""];
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
  return folders.flatMap((folder) => endings.map((ending) => path.join(folder, name + ending))).find(executable);
}

function executable(file: string): string | undefined {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}
