-- Opens a Dockerfile in Neovim with the configuration that the documentation shows, waits for what the language server
-- finds, takes its first quick fix, and writes the file. Prints what happened, a line each.
local function say(...)
  io.stdout:write(table.concat({ ... }, " "), "\n")
end

vim.env.PATH = vim.env.LINT_MULTISTAGE_BIN .. ":" .. vim.env.PATH
dofile(vim.env.LINT_MULTISTAGE_LUA)
vim.cmd("edit " .. vim.env.LINT_MULTISTAGE_FILE)

local shown = function()
  return vim.diagnostic.get(0)
end
if not vim.wait(20000, function() return #shown() > 0 end, 20) then
  say("no diagnostics")
  vim.cmd("cquit 1")
end
for _, diagnostic in ipairs(shown()) do
  say("diagnostic", diagnostic.code or diagnostic.user_data.lsp.code, diagnostic.lnum .. ":" .. diagnostic.col)
end

-- What a person chooses in a list.
vim.ui.select = function(items, _, on_choice)
  for index, item in ipairs(items) do
    say("offered", (item[2] or item.action).title)
    if index == 1 then
      on_choice(item, index)
    end
  end
end
local first = shown()[1]
vim.api.nvim_win_set_cursor(0, { first.lnum + 1, first.col })
vim.lsp.buf.code_action()
if not vim.wait(20000, function() return vim.bo.modified end, 20) then
  say("nothing was changed")
  vim.cmd("cquit 1")
end
if not vim.wait(20000, function() return #shown() == 0 end, 20) then
  say("still found")
  vim.cmd("cquit 1")
end
vim.cmd("write")
say("written")
vim.cmd("quitall!")
