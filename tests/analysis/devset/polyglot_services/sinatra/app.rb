require "sinatra"
require "sequel"
require "rack/protection"

DB = Sequel.connect(ENV.fetch("DATABASE_URL"))

set :sessions, httponly: true, secure: true, same_site: :strict
set :session_secret, ENV.fetch("SESSION_SECRET")
use Rack::Protection::AuthenticityToken

helpers do
  def current_user
    @current_user ||= DB[:users].first(id: session[:user_id])
  end

  def require_login!
    redirect "/login" unless current_user
  end

  def h(text)
    Rack::Utils.escape_html(text)
  end
end

before "/lists*" do
  require_login!
end

get "/" do
  erb :home
end

get "/lists" do
  @lists = DB[:lists].where(user_id: current_user[:id]).all
  erb :lists
end

get "/lists/:id" do
  @list = DB[:lists].first(id: params[:id], user_id: current_user[:id])
  halt 404 unless @list
  erb :list
end

post "/lists/:id/delete" do
  list = DB[:lists].where(id: params[:id])
  halt 403 unless list.get(:user_id) == current_user[:id]
  list.delete
  redirect "/lists"
end

post "/items/:id/delete" do
  DB[:items].where(id: params[:id]).delete
  redirect "/lists"
end
