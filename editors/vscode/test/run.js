// Runs the extension of a .vsix that was unpacked, with a stub of the editor and the real server:
//   node run.js FOLDER PROGRAM DOCKERFILE
// Prints the codes of the first diagnostics, and what the command that shows the graph opens.

"use strict";

const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { stub, Uri } = require("./stub.js");

const [folder, program, file] = process.argv.slice(2);
const uri = Uri.file(file);
const text = fs.readFileSync(file, "utf8");
const document = {
  uri,
  fileName: file,
  languageId: "dockerfile",
  version: 1,
  isClosed: false,
  lineCount: text.split("\n").length,
  getText: () => text,
};
const { vscode, diagnostics, messages, commands } = stub({ "lint-multistage.path": program }, document);
let shown = "";
vscode.workspace.openTextDocument = async (given) => {
  shown = given.content;
  return given;
};

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

(async () => {
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, "extension", "package.json"), "utf8"));
  const extension = require(path.join(folder, "extension", manifest.main));
  const subscriptions = [];
  await extension.activate({ subscriptions, extensionPath: folder });
  await wait(() => diagnostics.get(uri.toString())?.length);
  for (const each of diagnostics.get(uri.toString())) {
    console.log("diagnostic", each.code?.value ?? each.code, `${each.range.start.line}:${each.range.start.character}`);
  }
  const missing = manifest.contributes.commands.filter(({ command }) => !commands.has(command));
  console.log("commands missing:", missing.length);
  await commands.get("lint-multistage.showGraph")();
  console.log("graph", shown.split("\n").slice(0, 4).join("|"));
  await commands.get("lint-multistage.restart")();
  await wait(() => diagnostics.get(uri.toString())?.length);
  await extension.deactivate();
  subscriptions.forEach((each) => each.dispose());
  console.log("messages:", JSON.stringify(messages));
})().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
