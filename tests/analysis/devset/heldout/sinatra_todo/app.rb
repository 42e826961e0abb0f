require 'sinatra'
require 'sqlite3'
require 'erb'
require 'json'
require 'open3'
require 'net/http'
require 'openssl'
require 'digest/sha1'
require 'bcrypt'
require 'yaml'

enable :sessions
set :session_secret, 'todo-session-secret'
set :bind, '0.0.0.0'
set :show_exceptions, true
disable :protection

DB = SQLite3::Database.new('todo.db')
DB.results_as_hash = true

helpers do
  def h(text)
    Rack::Utils.escape_html(text)
  end

  def login!
    redirect '/login' unless session[:user]
  end
end

get '/' do
  login!
  @todos = DB.execute('SELECT * FROM todos WHERE user = ?', [session[:user]])
  erb :index
end

get '/search' do
  login!
  rows = DB.execute("SELECT * FROM todos WHERE title LIKE '%#{params[:q]}%'")
  "<h1>#{params[:q]}</h1>" + rows.map { |row| "<p>#{h(row['title'])}</p>" }.join
end

get '/hello' do
  "<p>Hello #{h(params[:name])}</p>"
end

post '/login' do
  user = DB.get_first_row('SELECT * FROM users WHERE name = ?', [params[:name]])
  halt 404, 'No such user' unless user
  halt 403, 'Wrong password' unless user['digest'] == Digest::SHA1.hexdigest(params[:password])
  session[:user] = user['name']
  redirect params[:next] || '/'
end

post '/register' do
  digest = BCrypt::Password.create(params[:password])
  DB.execute('INSERT INTO users (name, digest) VALUES (?, ?)', [params[:name], digest])
  redirect '/'
end

delete '/todo/:id' do
  DB.execute('DELETE FROM todos WHERE id = ?', [params[:id]])
  204
end

put '/todo/:id' do
  login!
  DB.execute('UPDATE todos SET title = ? WHERE id = ?', [params[:title], params[:id]])
  204
end

post '/todo/:id/done' do
  login!
  DB.execute('UPDATE todos SET done = 1 WHERE id = ? AND user = ?', [params[:id], session[:user]])
  204
end

get '/export' do
  login!
  `sqlite3 todo.db .dump > exports/#{params[:name]}.sql`
  send_file File.join('exports', params[:name])
end

get '/export2' do
  login!
  send_file File.join('exports', File.basename(params[:name]))
end

get '/disk' do
  out, _status = Open3.capture2('df', '-h')
  content_type 'text/plain'
  out
end

post '/import' do
  login!
  YAML.unsafe_load(params[:file][:tempfile].read).each do |todo|
    DB.execute('INSERT INTO todos (title, user) VALUES (?, ?)', [todo['title'], session[:user]])
  end
  redirect '/'
end

post '/upload' do
  login!
  File.open("uploads/#{params[:file][:filename]}", 'wb') do |out|
    out.write(params[:file][:tempfile].read)
  end
  redirect '/'
end

get '/link' do
  uri = URI(params[:url])
  http = Net::HTTP.new(uri.host, uri.port)
  http.use_ssl = true
  http.verify_mode = OpenSSL::SSL::VERIFY_NONE
  http.get(uri.request_uri).body
end

get '/template' do
  ERB.new(params[:template]).result(binding)
end

get '/calc' do
  instance_eval(params[:code]).to_s
end

get '/token' do
  token = Random.rand(10_000_000).to_s(16)
  { token: token }.to_json
end
