// As much of the `vscode` module as the extension and vscode-languageclient use, without an editor. What is only
// registered is taken and forgotten; diagnostics are kept.

"use strict";

const { EventEmitter: Emitter } = require("node:events");
const { pathToFileURL, fileURLToPath } = require("node:url");

class Disposable {
  constructor(call = () => {}) {
    this.dispose = call;
  }
  static from(...all) {
    return new Disposable(() => all.forEach((each) => each.dispose()));
  }
}

class EventEmitter {
  constructor() {
    this.inner = new Emitter();
    this.event = (listener, self) => {
      const bound = self ? listener.bind(self) : listener;
      this.inner.on("event", bound);
      return new Disposable(() => this.inner.off("event", bound));
    };
  }
  fire(value) {
    this.inner.emit("event", value);
  }
  dispose() {
    this.inner.removeAllListeners();
  }
}

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}

class Range {
  constructor(a, b, c, d) {
    [this.start, this.end] = typeof a === "number" ? [new Position(a, b), new Position(c, d)] : [a, b];
  }
}

class Uri {
  constructor(text) {
    this.text = text;
    this.scheme = text.slice(0, text.indexOf(":"));
    this.fsPath = this.scheme === "file" ? fileURLToPath(text) : text;
    this.path = this.fsPath;
  }
  static parse(text) {
    return new Uri(text);
  }
  static file(path) {
    return new Uri(pathToFileURL(path).href);
  }
  toString() {
    return this.text;
  }
}

class CancellationTokenSource {
  constructor() {
    this.token = { isCancellationRequested: false, onCancellationRequested: () => new Disposable() };
  }
  cancel() {}
  dispose() {}
}

class CodeActionKind {
  constructor(value) {
    this.value = value;
  }
  append(part) {
    return new CodeActionKind(this.value ? `${this.value}.${part}` : part);
  }
  contains(other) {
    return other.value.startsWith(this.value);
  }
}
for (const [name, value] of Object.entries({
  Empty: "",
  QuickFix: "quickfix",
  Refactor: "refactor",
  RefactorExtract: "refactor.extract",
  RefactorInline: "refactor.inline",
  RefactorMove: "refactor.move",
  RefactorRewrite: "refactor.rewrite",
  Source: "source",
  SourceOrganizeImports: "source.organizeImports",
  SourceFixAll: "source.fixAll",
  Notebook: "notebook",
})) {
  CodeActionKind[name] = new CodeActionKind(value);
}

const nothing = () => new Disposable();
const never = () => new EventEmitter().event;

/** An object that gives a harmless class for what it does not have: the client extends many. */
function lenient(known) {
  return new Proxy(known, {
    get(target, name) {
      if (!(name in target) && typeof name === "string" && name !== "then" && name !== "default" && name !== "__esModule") {
        target[name] = class {
          constructor(...given) {
            this.given = given;
          }
          static append(value) {
            return value;
          }
        };
      }
      return target[name];
    },
  });
}

function namespace(known) {
  return new Proxy(known, {
    get(target, name) {
      if (!(name in target)) {
        target[name] = typeof name === "string" && name.startsWith("on") ? never() : nothing;
      }
      return target[name];
    },
  });
}

/**
 * The module, and what the extension did with it: diagnostics by URI, messages, commands, edits, panels. `settings` are
 * the user's, with the folder that is open as `folder`; `document` is open; `python` is the interpreter that the Python
 * extension has chosen, if it is there.
 */
function stub(settings, document, python) {
  const diagnostics = new Map();
  const messages = [];
  const commands = new Map();
  const edits = [];
  const panels = [];
  const providers = [];
  const environments = {
    getActiveEnvironmentPath: () => ({ id: python, path: python }),
    resolveEnvironment: async ({ path }) => ({ executable: { uri: Uri.file(path) } }),
  };
  const pythonExtension = { activate: async () => ({ environments }) };
  const executed = {
    "vscode.executeCodeActionProvider": async (uri, range, kind) => {
      const context = { diagnostics: [], only: new CodeActionKind(kind), triggerKind: 1 };
      const { token } = new CancellationTokenSource();
      const found = await Promise.all(providers.map((x) => x.provideCodeActions(document, range, context, token)));
      return found.flat().filter(Boolean);
    },
  };
  const collection = {
    set: (uri, found) => diagnostics.set(uri.toString(), found ?? []),
    delete: (uri) => diagnostics.delete(uri.toString()),
    clear: () => diagnostics.clear(),
    has: (uri) => diagnostics.has(uri.toString()),
    get: (uri) => diagnostics.get(uri.toString()),
    dispose: () => {},
  };
  const configuration = (section) => ({
    get: (key, otherwise) => settings[`${section}.${key}`] ?? otherwise,
    has: (key) => `${section}.${key}` in settings,
    inspect: () => undefined,
  });
  const channel = { append: () => {}, appendLine: () => {}, clear: () => {}, show: () => {}, dispose: () => {}, replace: () => {} };
  const vscode = lenient({
    version: "1.91.0",
    Disposable,
    EventEmitter,
    Position,
    Range,
    Uri,
    CancellationTokenSource,
    CodeActionKind,
    CancellationError: class extends Error {},
    CodeAction: class {
      constructor(title, kind) {
        Object.assign(this, { title, kind });
      }
    },
    TextEdit: class {
      constructor(range, newText) {
        Object.assign(this, { range, newText });
      }
    },
    WorkspaceEdit: class {
      constructor() {
        this.entries = [];
      }
      replace(uri, range, newText) {
        this.entries.push([uri.toString(), { range, newText }]);
      }
    },
    Diagnostic: class {
      constructor(range, message, severity) {
        Object.assign(this, { range, message, severity });
      }
    },
    DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
    DiagnosticTag: { Unnecessary: 1, Deprecated: 2 },
    ViewColumn: { Beside: -2 },
    languages: namespace({
      createDiagnosticCollection: () => collection,
      match: () => 10,
      registerCodeActionsProvider: (_, provider) => {
        providers.push(provider);
        return new Disposable(() => providers.splice(providers.indexOf(provider), 1));
      },
    }),
    commands: namespace({
      registerCommand: (name, call) => {
        commands.set(name, call);
        return new Disposable(() => commands.delete(name));
      },
      executeCommand: async (name, ...given) => executed[name]?.(...given),
    }),
    window: namespace({
      createOutputChannel: () => channel,
      showErrorMessage: async (text) => void messages.push(text),
      showInformationMessage: async (text) => void messages.push(text),
      createWebviewPanel: (type, title, column, options) => {
        const webview = { html: "", asWebviewUri: (uri) => uri };
        panels.push({ type, title, options, webview });
        return panels.at(-1);
      },
      activeTextEditor: { document },
      visibleTextEditors: [],
      tabGroups: { all: [], onDidChangeTabs: never(), onDidChangeTabGroups: never() },
    }),
    workspace: namespace({
      textDocuments: [document],
      notebookDocuments: [],
      workspaceFolders: settings.folder && [{ uri: Uri.file(settings.folder), name: "folder", index: 0 }],
      getConfiguration: configuration,
      getWorkspaceFolder: () => undefined,
      asRelativePath: (uri) => uri.fsPath,
      createFileSystemWatcher: () => ({ onDidCreate: never(), onDidChange: never(), onDidDelete: never(), dispose: () => {} }),
      applyEdit: async (edit) => Boolean(edits.push(...edit.entries)),
    }),
    env: namespace({ appName: "stub", language: "en", openExternal: async () => true }),
    extensions: namespace({ getExtension: (id) => (python && id === "ms-python.python" ? pythonExtension : undefined) }),
    l10n: { t: (text) => text },
  });
  return { vscode, diagnostics, messages, commands, edits, panels };
}

module.exports = { stub, Uri };
