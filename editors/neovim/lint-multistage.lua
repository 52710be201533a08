-- Neovim 0.11 and later: save this as lsp/lint-multistage.lua in your configuration's folder,
-- and write vim.lsp.enable("lint-multistage") into init.lua.
return {
  cmd = { "lint-multistage", "lsp" },
  filetypes = { "dockerfile" },
  root_markers = { ".lint-multistage.toml", "pyproject.toml", ".git" },
}
