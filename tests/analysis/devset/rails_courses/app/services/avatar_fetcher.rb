require "open-uri"
require "net/http"

class AvatarFetcher
  MAX = 2.megabytes

  def initialize(url)
    @url = url
  end

  def call
    uri = URI.parse(@url)
    raise ArgumentError, "bad scheme" unless %w[http https].include?(uri.scheme)

    response = Net::HTTP.get_response(uri)
    response.body.byteslice(0, MAX)
  end
end
