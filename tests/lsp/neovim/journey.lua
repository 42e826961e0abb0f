-- Neovim as a person uses it: sees findings, fixes one, dismisses one, undoes, asks for reviews of more and less, asks a
-- model, has it mend the file and rewrite a line.
-- Run by test_neovim.py as: nvim --headless -u NONE -S journey.lua FILE; what was seen goes to $SEEN as JSON.

local seen = { statuses = {}, progress = {}, notes = {} }

local function wait_for(what, condition)
  assert(vim.wait(20000, condition, 10), 'waited in vain for ' .. what)
end

local function diagnostics()
  return vim.tbl_map(function(d)
    return { line = d.lnum + 1, code = d.code, source = d.source, message = d.message }
  end, vim.diagnostic.get(0, { }))
end

-- The menu in which a person chooses; `title` is what they look for.
local function choose(title)
  vim.ui.select = function(items, options, on_choice)
    for index, item in ipairs(items) do
      if vim.startswith(options.format_item(item), title) then
        return on_choice(item, index)
      end
    end
    error('no action ' .. title .. ' among ' .. vim.inspect(vim.tbl_map(options.format_item, items)))
  end
end

local function at(pattern)
  vim.fn.cursor(1, 1)
  assert(vim.fn.search(pattern, 'cW') > 0, 'no ' .. pattern)
end

local function journey()
  local hive = dofile(os.getenv('HIVE_LUA'))
  local heard = hive.handlers['$/hive/status']
  hive.handlers['$/hive/status'] = function(problem, status, ...)
    table.insert(seen.statuses, status.state)
    heard(problem, status, ...)
  end
  vim.lsp.handlers['$/progress'] = function(_, params)
    table.insert(seen.progress, params.value.kind)
  end
  vim.notify = function(message) table.insert(seen.notes, message) end
  hive.setup({ cmd = vim.split(os.getenv('HIVE_LSP_COMMAND'), ' ') })
  vim.bo.filetype = 'python'

  wait_for('findings', function() return #diagnostics() == 2 end)
  seen.found = diagnostics()

  at('eval(')
  choose('Dismiss: ')
  vim.lsp.buf.code_action()
  wait_for('the dismissal', function() return #diagnostics() == 1 end)
  seen.after_dismissal = diagnostics()

  at('def ')
  choose(os.getenv('FIX_TITLE'))
  vim.lsp.buf.code_action()
  wait_for('the fix', function() return #diagnostics() == 0 end)
  seen.fixed = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')

  vim.cmd('undo')
  wait_for('the finding to be back', function() return #diagnostics() == 1 end)

  vim.cmd('HiveReview')
  wait_for('the review to be told', function() return #seen.notes > 0 end)
  seen.status_line = vim.b.hive_status

  vim.api.nvim_buf_set_lines(0, -1, -1, false, { '', '', 'def is_five(value):', '    return value is 5' })
  wait_for('what is wrong with the new lines', function() return #diagnostics() == 2 end)
  vim.cmd('HiveFixAll')
  wait_for('all safe fixes', function() return vim.fn.getline('$') == '    return value == 5' and #diagnostics() == 1 end)
  vim.cmd('HiveFixAll')
  wait_for('word that there is none', function() return #seen.notes == 3 end)

  vim.cmd('HiveReviewChanges')
  wait_for('the changes to be reviewed', function() return #seen.notes == 4 end)
  seen.listed = vim.tbl_map(function(item)
    return { vim.fn.fnamemodify(vim.api.nvim_buf_get_name(item.bufnr), ':t'), item.lnum }
  end, vim.fn.getqflist())
  vim.cmd('cclose')
  vim.cmd('HiveReviewWorkspace')
  wait_for('the folder to be reviewed', function() return #seen.notes == 5 end)
  vim.cmd('cclose')

  vim.cmd('HiveAsk Who sums up?')
  local window = vim.api.nvim_get_current_win()
  vim.cmd('new') -- meanwhile the person is elsewhere
  wait_for('the page of the answer', function() return vim.bo.filetype == 'markdown' end)
  seen.page = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  vim.cmd('HiveAsk Who is asked here?')
  seen.warned = table.remove(seen.notes)
  vim.api.nvim_set_current_win(window)
  vim.cmd('only')

  vim.lsp.handlers['window/showMessageRequest'] = function(_, params)
    seen.offered = params.message
    return params.actions[1]
  end
  vim.cmd('HiveFixAll!')
  wait_for('the file to be mended', function() return #diagnostics() == 0 end)
  seen.mending = seen.offered
  at('return sum')
  vim.cmd('.HiveRewrite Begin at zero.')
  wait_for('the lines to be rewritten', function() return vim.fn.getline('.') == '    return sum(prices, 0)' end)

  vim.lsp.handlers['window/showMessage'] = function(_, params) seen.revoked = params.message end
  vim.cmd('HiveRevoke')
  wait_for('what there is to revoke', function() return seen.revoked end)
end

local ok, problem = pcall(journey)
seen.problem = not ok and tostring(problem) or nil
local file = io.open(os.getenv('SEEN'), 'w')
file:write(vim.json.encode(seen))
file:close()
vim.cmd('qa!')
