// The graph of a Dockerfile's stages, drawn beside it.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as path from "node:path";
import * as vscode from "vscode";
import { NAME } from "./program";

/** Draw the document as it is in the editor, saved or not; an Error says what `command` said against it. */
export async function showGraph(context: vscode.ExtensionContext, command: string, document: vscode.TextDocument) {
  const drawn = await mermaid(command, document);
  const dist = vscode.Uri.file(path.join(context.extensionPath, "dist"));
  const title = `Stages of ${path.basename(document.fileName)}`;
  const panel = vscode.window.createWebviewPanel(`${NAME}.graph`, title, vscode.ViewColumn.Beside, {
    enableScripts: true,
    localResourceRoots: [dist],
  });
  const script = panel.webview.asWebviewUri(vscode.Uri.file(path.join(dist.fsPath, "mermaid.min.js")));
  panel.webview.html = page(drawn, script.toString(), randomBytes(16).toString("hex"));
}

function mermaid(command: string, document: vscode.TextDocument): Promise<string> {
  const folder = vscode.workspace.getWorkspaceFolder(document.uri)?.uri.fsPath ?? path.dirname(document.fileName);
  const name = path.relative(folder, document.fileName);
  const config = vscode.workspace.getConfiguration(NAME).get<string>("config", "");
  const configured = config ? ["--config", config] : [];
  return new Promise((resolve, reject) => {
    const rest = ["--format", "mermaid", ...configured, "--stdin-display-name", name, "-"];
    const child = spawn(command, ["graph", ...rest], { cwd: folder });
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => (output += part));
    child.stderr.setEncoding("utf8").on("data", (part: string) => (errors += part));
    child.stdin.on("error", () => {}); // it ended early: its status says so
    child.on("error", reject);
    child.on("close", (status) => (status === 0 ? resolve(output) : reject(new Error(errors.trim() || `${status}`))));
    child.stdin.end(document.getText());
  });
}

/** A page that loads nothing but the script beside the extension: no network. */
function page(drawn: string, script: string, nonce: string): string {
  const text = drawn.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
</head>
<body>
<pre class="mermaid">${text}</pre>
<script nonce="${nonce}" src="${script}"></script>
<script nonce="${nonce}">
const dark = document.body.matches(".vscode-dark, .vscode-high-contrast:not(.vscode-high-contrast-light)");
mermaid.initialize({ startOnLoad: true, securityLevel: "strict", theme: dark ? "dark" : "default" });
</script>
</body>
</html>
`;
}
