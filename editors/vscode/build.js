// Makes dist/: the extension in one file, Mermaid beside it for the view of the graph, and the licences of both.

"use strict";

const esbuild = require("esbuild");
const fs = require("node:fs");
const path = require("node:path");

const LICENCE = /^(licen[cs]e|copying)(\.(md|txt|markdown))?$/i;

function notices() {
  const { packages } = JSON.parse(fs.readFileSync("package-lock.json", "utf8"));
  const shipped = Object.entries(packages).filter(([folder, entry]) => folder && !entry.dev && !entry.optional);
  return shipped.map(([folder, entry]) => {
    const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
    const file = fs.readdirSync(folder).find((each) => LICENCE.test(each));
    const text = file ? fs.readFileSync(path.join(folder, file), "utf8").trim() : `Licence: ${entry.license}`;
    return `${name} ${entry.version}\n\n${text}\n`;
  });
}

esbuild.buildSync({
  entryPoints: ["src/extension.ts"],
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  outfile: "dist/extension.js",
});
fs.copyFileSync("node_modules/mermaid/dist/mermaid.min.js", "dist/mermaid.min.js");
fs.writeFileSync("dist/NOTICES.txt", notices().join(`\n${"-".repeat(80)}\n\n`));
