// Runs the extension of a .vsix that was unpacked, with a stub of the editor and the real server:
//   node run.js FOLDER DOCKERFILE SETTINGS [PYTHON]
// SETTINGS is JSON (its key `folder` is the folder that is open), PYTHON what the Python extension has chosen. Prints what a user would see: the diagnostics, what
// the commands do, and the messages. Where the server cannot be started, there are messages alone.

"use strict";

const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { stub, Uri } = require("./stub.js");

const [folder, file, settings, python] = process.argv.slice(2);
const uri = Uri.file(file);
const text = fs.readFileSync(file, "utf8");
const document = {
  uri,
  fileName: file,
  languageId: "dockerfile",
  version: 1,
  isClosed: false,
  lineCount: text.split("\n").length,
  // What is typed and not yet saved.
  getText: () => text.replace("FROM golang", "# typed\nFROM golang"),
};
const { vscode, diagnostics, messages, commands, edits, panels } = stub(JSON.parse(settings), document, python);

const load = Module._load;
Module._load = (request, ...rest) => (request === "vscode" ? vscode : load(request, ...rest));

const wait = async (holds) => {
  for (let round = 0; round < 400 && !holds(); round++) {
    await new Promise((done) => setTimeout(done, 50));
  }
  if (!holds()) {
    throw new Error(`it never came: ${JSON.stringify(messages)}`);
  }
};
const found = () => diagnostics.get(uri.toString()) ?? [];

async function use(extension) {
  for (const { code, range, message } of found()) {
    console.log("diagnostic", code?.value ?? code, `${range.start.line}:${range.start.character}`, message.split("\n")[0]);
    console.log("page", code?.target?.toString());
  }
  await commands.get("lint-multistage.fixAll")();
  for (const [target, { range, newText }] of edits) {
    const at = `${range.start.line}:${range.start.character}-${range.end.line}:${range.end.character}`;
    console.log("fixed", target === uri.toString(), at, newText);
  }
  await commands.get("lint-multistage.showGraph")();
  const [{ options, webview }] = panels;
  console.log("graph", webview.html.match(/<pre class="mermaid">([^]*?)<\/pre>/)[1].split("\n")[2].trim());
  const script = webview.html.match(/src="([^"]+)"/)[1];
  const inside = options.localResourceRoots.some((root) => script.startsWith(`${root}/`));
  console.log("script", inside && fs.existsSync(new URL(script)), "network", /https?:/.test(webview.html));
  diagnostics.clear();
  // One after the other, however fast they are asked for.
  await Promise.all([commands.get("lint-multistage.restart")(), commands.get("lint-multistage.restart")()]);
  await wait(() => found().length);
  console.log("again", found().length);
}

(async () => {
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, "extension", "package.json"), "utf8"));
  const extension = require(path.join(folder, "extension", manifest.main));
  const subscriptions = [];
  await extension.activate({ subscriptions, extensionPath: path.join(folder, "extension") });
  const missing = manifest.contributes.commands.filter(({ command }) => !commands.has(command));
  console.log("commands missing", missing.length);
  await wait(() => found().length || messages.length);
  if (found().length) {
    await use(extension);
  }
  await extension.deactivate();
  subscriptions.forEach((each) => each.dispose());
  console.log("messages", JSON.stringify(messages));
})().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
