require 'sinatra/base'
require 'pg'
require 'json'
require 'securerandom'
require 'digest'
require 'erb'
require 'httparty'

class Notes < Sinatra::Base
  use Rack::Session::Cookie, secret: 'notes-rack-secret', expire_after: 31_536_000
  set :environment, :development
  set :dump_errors, true

  DB = PG.connect(host: 'db', user: 'notes', password: 'n0tes-pg', dbname: 'notes')

  before '/admin/*' do
    halt 403 unless session[:role] == 'admin'
  end

  after do
    headers 'Access-Control-Allow-Origin' => request.env['HTTP_ORIGIN'] || '*',
            'Access-Control-Allow-Credentials' => 'true'
  end

  get '/' do
    @notes = DB.exec_params('SELECT * FROM notes WHERE owner = $1', [session[:user]])
    erb :index, escape_html: true
  end

  get '/find' do
    term = params['term']
    sql = 'SELECT id, title FROM notes WHERE title ILIKE ' + "'%#{term}%'"
    rows = DB.exec(sql)
    content_type :json
    rows.to_a.to_json
  end

  get '/order/:column' do |column|
    column = 'title' unless %w[title created_at].include?(column)
    DB.exec("SELECT id FROM notes ORDER BY #{column}").to_a.to_json
  end

  get '/note/:id' do
    note = DB.exec_params('SELECT * FROM notes WHERE id = $1', [params[:id]]).first
    halt 404 if note.nil?
    "<h1>#{ERB::Util.html_escape(note['title'])}</h1><p>#{note['text']}</p>"
  end

  post '/session' do
    user = DB.exec_params('SELECT * FROM users WHERE name = $1', [params[:name]]).first
    if user.nil?
      status 404
      return "No user called #{params[:name]}"
    end
    if Digest::SHA256.hexdigest(params[:password]) == user['digest']
      session[:user] = user['id']
      session[:role] = user['role']
      response.set_cookie('name', value: user['name'], path: '/')
      logger.info "login #{params.inspect}"
      redirect to(params[:return_to] || '/')
    else
      halt 401, 'Wrong password'
    end
  end

  get '/file' do
    send_file "public/files/#{params[:name]}"
  end

  get '/thumbnail/:name' do
    size = params[:size]
    %x(convert public/files/#{params[:name]} -resize #{size} /tmp/thumb.png)
    send_file '/tmp/thumb.png'
  end

  get '/preview' do
    HTTParty.get(params[:url], verify: false).body
  end

  post '/restore' do
    Marshal.load(params[:state].unpack1('m')).to_s
  end

  post '/token' do
    code = rand(100_000..999_999)
    reset = SecureRandom.hex(20)
    { code: code, reset: reset }.to_json
  end

  get '/admin/run' do
    result = Open3.capture2e('./task.sh', params[:task])
    result.first
  end

  get '/render' do
    erb params[:template]
  end

  error do
    "Something broke: #{env['sinatra.error'].message} #{env['sinatra.error'].backtrace.join}"
  end
end
