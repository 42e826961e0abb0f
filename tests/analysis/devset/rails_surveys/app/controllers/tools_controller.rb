require "open-uri"
require "open3"

class ToolsController < ApplicationController
  def fetch
    render plain: URI.open(params[:url]).read
  end

  def status
    render plain: Net::HTTP.get(URI("https://status.example.org/#{ERB::Util.url_encode(params[:page])}"))
  end

  def convert
    out = `pandoc #{params[:file]} -t html`
    render plain: out
  end

  def convert_safely
    out, = Open3.capture2("pandoc", "--", params[:file].to_s, "-t", "html")
    render plain: out
  end

  def restore
    state = Marshal.load(Base64.decode64(cookies[:state]))
    render json: state
  end

  def load_yaml
    render json: YAML.safe_load(params[:text])
  end

  def xml
    document = Nokogiri::XML(request.body.read) { |config| config.noent.dtdload }
    render plain: document.xpath("//answer[@id='#{params[:answer]}']").to_s
  end

  def chart
    kind = params[:kind].classify.constantize
    render plain: kind.new.to_s
  end

  def calculate
    render plain: eval(params[:formula])
  end

  def column
    value = current_user.public_send(params[:field])
    render plain: value
  end

  def match
    pattern = Regexp.new(params[:pattern])
    render plain: Survey.pluck(:title).grep(pattern).join("\n")
  end

  def match_safely
    pattern = Regexp.new(Regexp.escape(params[:pattern]))
    render plain: Survey.pluck(:title).grep(pattern).join("\n")
  end

  def page
    render file: "#{Rails.root}/pages/#{params[:name]}"
  end

  def banner
    render inline: "<h1>#{params[:text]}</h1>"
  end
end
