require 'open-uri'

class SearchController < ApplicationController
  def index
    @query = params[:q]
    @events = Event.find_by_sql("SELECT * FROM events WHERE title LIKE '%#{@query}%'")
    render inline: "<h1>Results for #{@query}</h1>" if @events.empty?
  end

  def go
    redirect_to params[:url]
  end

  def preview
    body = URI.open(params[:url]).read
    doc = Nokogiri::XML(body) { |config| config.noent.dtdload }
    render json: { root: doc.root&.name }
  end

  def state
    render json: Marshal.load(Base64.decode64(cookies[:state]))
  end

  def settings
    render json: YAML.load(params[:settings])
  end

  def settings_checked
    render json: YAML.safe_load(params[:settings])
  end

  def calculate
    render plain: eval(params[:expression])
  end

  def call
    current_user.public_send(params[:method])
    head :ok
  end
end
