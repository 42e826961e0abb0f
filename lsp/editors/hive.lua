-- Agent Hive in Neovim 0.7 or newer: findings, fixes, dismissals and reviews on demand, by the language client built in.
--
-- Copy it to ~/.config/nvim/lua/hive.lua and write into init.lua:  require('hive').setup()
-- Options: cmd = { 'hive', 'lsp' }; filetypes, nil for every file (secrets are looked for in any text).
-- :HiveReview reviews this file; :'<,'>HiveRewrite INSTRUCTION has a model rewrite lines, where the hub has one.
-- :HiveRevoke takes back what you answered a program that wanted to see or edit here.
-- For a status line: vim.b.hive_status is 'pending', 'analysed', 'partial' or 'not_analysed'.

local M = {}

local defaults = { cmd = { 'hive', 'lsp' }, filetypes = nil }

local fallback_client -- of a Neovim before 0.8, which has no vim.lsp.start

local function root_of(buffer)
  local name = vim.api.nvim_buf_get_name(buffer)
  local folder = name == '' and vim.fn.getcwd() or vim.fn.fnamemodify(name, ':p:h')
  local git = vim.fn.finddir('.git', vim.fn.fnameescape(folder) .. ';')
  return git == '' and folder or vim.fn.fnamemodify(git, ':p:h:h')
end

local function attach(options, buffer)
  if vim.bo[buffer].buftype ~= '' then return end
  local config = { name = 'hive', cmd = options.cmd, root_dir = root_of(buffer), handlers = M.handlers }
  if vim.lsp.start then
    vim.lsp.start(config, { bufnr = buffer })
  else
    fallback_client = fallback_client or vim.lsp.start_client(config)
    vim.lsp.buf_attach_client(buffer, fallback_client)
  end
end

local function execute(command, arguments, tell)
  vim.lsp.buf_request(0, 'workspace/executeCommand', { command = command, arguments = arguments },
    function(problem, result)
      if problem then
        vim.notify('Hive: ' .. problem.message, vim.log.levels.WARN)
      elseif result and tell then
        tell(result)
      end
    end)
end

local function review()
  execute('hive.review', { vim.uri_from_bufnr(0) }, function(result)
    if result.state == 'not_analysed' then
      vim.notify('Hive could not review this file: ' .. result.reason, vim.log.levels.WARN)
    else
      vim.notify(('Hive: %d finding(s) in this file.'):format(result.findings))
    end
  end)
end

-- The hub shows what it would change, and asks.
local function rewrite(given)
  execute('hive.rewrite', { vim.uri_from_bufnr(0), given.line1 - 1, given.line2 - 1, given.args })
end

local function revoke()
  execute('hive.revokeConsent', {})
end

M.handlers = {
  -- How far each file is read: "not analysed" is not "clean".
  ['$/hive/status'] = function(_, status)
    local buffer = vim.uri_to_bufnr(status.uri)
    if vim.api.nvim_buf_is_loaded(buffer) then vim.b[buffer].hive_status = status.state end
  end,
}

function M.setup(options)
  options = vim.tbl_extend('force', defaults, options or {})
  vim.api.nvim_create_autocmd('FileType', {
    pattern = options.filetypes or '*',
    callback = function(event) attach(options, event.buf) end,
  })
  vim.api.nvim_create_user_command('HiveReview', review, { desc = 'Review this file' })
  vim.api.nvim_create_user_command('HiveRewrite', rewrite,
    { range = true, nargs = '+', desc = 'Have a model rewrite these lines as the argument says' })
  vim.api.nvim_create_user_command('HiveRevoke', revoke, { desc = 'Take back an answer to a program' })
end

return M
