-- Neovim 0.7 to 0.10: put this into init.lua, or a file that it requires.
vim.api.nvim_create_autocmd({ "BufReadPost", "BufNewFile" }, {
  pattern = { "Dockerfile", "Containerfile", "*.Dockerfile", "*.dockerfile", "Dockerfile.*", "Containerfile.*" },
  callback = function(event)
    local found = vim.fs and vim.fs.find({ ".git", ".lint-multistage.toml" }, { upward = true, path = vim.fn.expand("%:p:h") })[1]
    local id = vim.lsp.start_client({
      name = "lint-multistage",
      cmd = { "lint-multistage", "lsp" },
      root_dir = found and vim.fn.fnamemodify(found, ":h") or vim.fn.expand("%:p:h"),
    })
    if id then
      vim.lsp.buf_attach_client(event.buf, id)
    end
  end,
})
