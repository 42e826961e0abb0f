require "zip"
require "openssl"

class Importer
  KEY = "0123456789abcdef0123456789abcdef"

  def initialize(path)
    @path = path
  end

  def run
    Zip::File.open(@path) do |zip|
      zip.each do |entry|
        entry.extract(File.join("/srv/surveys/import", entry.name))
      end
    end
  end

  def seal(text)
    cipher = OpenSSL::Cipher.new("des-ecb").encrypt
    cipher.key = KEY[0, 8]
    cipher.update(text) + cipher.final
  end

  def upload(uri, body)
    http = Net::HTTP.new(uri.host, 443)
    http.use_ssl = true
    http.verify_mode = OpenSSL::SSL::VERIFY_NONE
    http.post(uri.path, body)
  end
end
