require "sinatra/base"
require "json"
require "yaml"
require "net/http"
require "sequel"
require "erb"
require_relative "lib/tools/archive"
require_relative "lib/tools/runner"
require_relative "lib/tools/store"

class App < Sinatra::Base
  set :session_secret, "b7c1d2e3f4a5968778695a4b3c2d1e0fb7c1d2e3f4a5968778695a4b3c2d1e0f"
  enable :sessions
  disable :protection

  DB = Sequel.connect(ENV.fetch("DATABASE_URL"))

  before "/admin/*" do
    halt 403 unless session[:admin]
  end

  helpers do
    def h(text)
      Rack::Utils.escape_html(text)
    end

    def store
      @store ||= Tools::Store.new(DB)
    end
  end

  get "/" do
    erb :index
  end

  get "/hello" do
    "<p>Hello #{h(params[:name])}</p>"
  end

  get "/shout" do
    content_type :html
    name = params[:name].upcase
    "<p>HELLO #{name}</p>"
  end

  get "/items" do
    rows = store.search(params[:q], params[:sort])
    content_type :json
    rows.to_json
  end

  get "/items/:id" do
    item = DB[:items].where(id: params[:id].to_i).first
    halt 404 unless item
    item.to_json
  end

  get "/count" do
    DB.fetch("SELECT count(*) FROM items WHERE kind = '#{params[:kind]}'").first.to_json
  end

  get "/lookup" do
    DB["SELECT * FROM items WHERE name = ?", params[:name]].all.to_json
  end

  get "/file/*" do |path|
    send_file File.join(settings.root, "files", path)
  end

  get "/doc/:name" do
    name = params[:name]
    halt 400 unless name =~ /^[a-z]+$/
    send_file File.join(settings.root, "docs", name)
  end

  get "/page/:name" do
    name = params[:name]
    halt 400 unless name.match?(/\A[a-z]+\z/)
    send_file File.join(settings.root, "pages", name)
  end

  post "/config" do
    config = YAML.load(request.body.read)
    Tools::Runner.configure(config)
    204
  end

  post "/safe_config" do
    Tools::Runner.configure(YAML.safe_load(request.body.read))
    204
  end

  post "/archive" do
    Tools::Archive.unpack(params[:file][:tempfile].path, settings.root + "/uploads")
    201
  end

  get "/fetch" do
    uri = URI(params[:url])
    Net::HTTP.get(uri)
  end

  get "/probe" do
    Tools::Runner.new.ping(params[:host])
  end

  get "/resolve" do
    Tools::Runner.new.resolve(params[:host])
  end

  get "/template" do
    ERB.new("Hello " + params[:name]).result(binding)
  end

  get "/go" do
    redirect params[:to]
  end

  get "/home" do
    redirect to("/")
  end

  post "/login" do
    user = store.user(params[:user])
    if user && user[:password] == Digest::SHA1.hexdigest(params[:password])
      session[:admin] = user[:admin]
      redirect "/"
    end
    halt 401, "wrong"
  end

  get "/call" do
    store.send(params[:method])
  end

  delete "/items/:id" do
    DB[:items].where(id: params[:id].to_i).delete
    204
  end

  delete "/admin/items/:id" do
    DB[:items].where(id: params[:id].to_i).delete
    204
  end

  error do
    e = env["sinatra.error"]
    "#{e.class}: #{e.message}\n#{e.backtrace.join("\n")}"
  end
end
