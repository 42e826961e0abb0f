-- Agent Hive in Neovim 0.7 or newer: findings, fixes, dismissals and reviews on demand, by the language client built in.
--
-- Copy it to ~/.config/nvim/lua/hive.lua and write into init.lua:  require('hive').setup()
-- Options: cmd = { 'hive', 'lsp' }; filetypes, nil for every file (secrets are looked for in any text).
-- :HiveReview reviews this file, :HiveReviewChanges what differs from the last commit, :HiveReviewWorkspace all of the folder.
-- :HiveFixAll makes every fix of this file that keeps its meaning.
-- Where the hub has a model: :HiveFixAll! has it mend the rest, :'<,'>HiveRewrite INSTRUCTION rewrites lines, and
-- :HiveAsk QUESTION answers about the project.
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

-- Long answers are pages, which the hub asks us to show.
local function capabilities()
  local able = vim.lsp.protocol.make_client_capabilities()
  able.window.showDocument = { support = true }
  able.workspace.textDocumentContent = { dynamicRegistration = false }
  return able
end

local function attach(options, buffer)
  if vim.bo[buffer].buftype ~= '' then return end
  local config = {
    name = 'hive', cmd = options.cmd, root_dir = root_of(buffer), handlers = M.handlers, capabilities = capabilities(),
  }
  if vim.lsp.start then
    vim.lsp.start(config, { bufnr = buffer })
  else
    fallback_client = fallback_client or vim.lsp.start_client(config)
    vim.lsp.buf_attach_client(buffer, fallback_client)
  end
end

-- Other servers of the buffer know nothing of our commands.
local function client_of(buffer)
  for _, client in pairs((vim.lsp.get_clients or vim.lsp.get_active_clients)()) do
    if client.name == 'hive' and vim.lsp.buf_is_attached(buffer, client.id) then return client end
  end
end

local function warn(text) vim.notify('Hive: ' .. text, vim.log.levels.WARN) end

local function request_of(client, method, params, on_result)
  local function answered(problem, result)
    if problem then
      warn(problem.message)
    elseif on_result and result ~= nil and result ~= vim.NIL then
      on_result(result, client)
    end
  end
  if vim.fn.has('nvim-0.11') == 1 then
    client:request(method, params, answered, vim.api.nvim_get_current_buf())
  else
    client.request(method, params, answered, vim.api.nvim_get_current_buf())
  end
end

local function request(method, params, on_result)
  local client = client_of(0)
  if not client then return warn('this file is not open with Hive') end
  request_of(client, method, params, on_result)
end

local function execute(command, arguments, on_result)
  request('workspace/executeCommand', { command = command, arguments = arguments }, on_result)
end

local function this_file() return vim.uri_from_bufnr(0) end

local function review()
  execute('hive.review', { this_file() }, function(result)
    if result.state == 'not_analysed' then
      vim.notify('Hive could not review this file: ' .. result.reason, vim.log.levels.WARN)
    else
      vim.notify(('Hive: %d finding(s) in this file.'):format(result.findings))
    end
  end)
end

-- What is found goes into the quickfix list, also of files that are not open.
local function review_many(command)
  return function()
    execute(command, {}, function(result, client)
      local unread = result.not_analysed > 0 and (' %d file(s) could not be read.'):format(result.not_analysed) or ''
      vim.notify(('Hive: %d finding(s) in %s.%s'):format(result.findings, result.what, unread))
      if result.findings > 0 then
        local namespace = vim.lsp.diagnostic.get_namespace(client.id)
        vim.diagnostic.setqflist({ namespace = namespace, title = 'Hive: ' .. result.what })
      end
    end)
  end
end

local function fix_all_safely()
  local lines = vim.api.nvim_buf_line_count(0)
  local asked = {
    textDocument = { uri = this_file() },
    range = { start = { line = 0, character = 0 }, ['end'] = { line = lines, character = 0 } },
    context = { diagnostics = {}, only = { 'source.fixAll.hive' } },
  }
  request('textDocument/codeAction', asked, function(actions)
    if #actions == 0 then return vim.notify('Hive: no finding of this file has a fix that is sure to keep its meaning.') end
    request('codeAction/resolve', actions[1], function(action, client)
      vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
      vim.notify('Hive: ' .. action.title .. ': done.')
    end)
  end)
end

local function fix_all(given)
  if given.bang then
    execute('hive.fixAll', { this_file() }) -- the hub shows what it would change, and asks
  else
    fix_all_safely()
  end
end

local function ask(given)
  local function about(question)
    if question and question ~= '' then execute('hive.ask', { this_file(), question }) end
  end
  if given.args ~= '' then
    about(given.args)
  else
    vim.ui.input({ prompt = 'Ask about this project: ' }, about)
  end
end

local function rewrite(given)
  execute('hive.rewrite', { this_file(), given.line1 - 1, given.line2 - 1, given.args })
end

local function revoke()
  execute('hive.revokeConsent', {})
end

-- A page that lies on no disk, in a window of its own.
local function show_page(uri, client)
  request_of(client, 'hive/content', { uri = uri }, function(page)
    local buffer = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(page.text, '\n'))
    vim.bo[buffer].filetype = 'markdown'
    vim.bo[buffer].modifiable = false
    vim.bo[buffer].bufhidden = 'wipe'
    vim.cmd('botright split')
    vim.api.nvim_win_set_buf(0, buffer)
    vim.wo.wrap, vim.wo.linebreak = true, true
  end)
end

local function show_file(params, client)
  local location = { uri = params.uri, range = params.selection }
  location.range = location.range or { start = { line = 0, character = 0 }, ['end'] = { line = 0, character = 0 } }
  if vim.lsp.util.show_document then
    return vim.lsp.util.show_document(location, client.offset_encoding, { focus = true })
  end
  return vim.lsp.util.jump_to_location(location, client.offset_encoding)
end

M.handlers = {
  -- How far each file is read: "not analysed" is not "clean".
  ['$/hive/status'] = function(_, status)
    local buffer = vim.uri_to_bufnr(status.uri)
    if vim.api.nvim_buf_is_loaded(buffer) then vim.b[buffer].hive_status = status.state end
  end,

  ['window/showDocument'] = function(_, params, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    if vim.startswith(params.uri, 'hive:') then
      show_page(params.uri, client)
      return { success = true }
    end
    return { success = show_file(params, client) and true or false }
  end,
}

function M.setup(options)
  options = vim.tbl_extend('force', defaults, options or {})
  vim.api.nvim_create_autocmd('FileType', {
    pattern = options.filetypes or '*',
    callback = function(event) attach(options, event.buf) end,
  })
  local function command(name, act, desc, more)
    vim.api.nvim_create_user_command(name, act, vim.tbl_extend('force', { desc = desc }, more or {}))
  end
  command('HiveReview', review, 'Review this file')
  command('HiveReviewChanges', review_many('hive.reviewChanges'), 'Review what differs from the last commit')
  command('HiveReviewWorkspace', review_many('hive.reviewWorkspace'), 'Review all files of the folder')
  command('HiveFixAll', fix_all, 'Make all safe fixes of this file; with ! have a model mend it', { bang = true })
  command('HiveAsk', ask, 'Ask a model about this project', { nargs = '*' })
  command('HiveRewrite', rewrite, 'Have a model rewrite these lines as the argument says', { range = true, nargs = '+' })
  command('HiveRevoke', revoke, 'Take back an answer to a program')
end

return M
