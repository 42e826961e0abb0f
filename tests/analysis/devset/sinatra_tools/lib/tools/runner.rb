require "open3"
require "shellwords"

module Tools
  class Runner
    def self.configure(config)
      @config = config
    end

    def ping(host)
      `ping -c 1 #{host}`
    end

    def resolve(host)
      out, _status = Open3.capture2("dig", "+short", "--", host)
      out
    end

    def trace(host)
      IO.popen("traceroute #{Shellwords.escape(host)}", &:read)
    end

    def run(script)
      instance_eval(script)
    end

    def open_any(path)
      open(path).read
    end

    def cached(path)
      Marshal.load(File.binread(path))
    end

    def token
      (0...32).map { ("a".."z").to_a[rand(26)] }.join
    end

    def fetch(url)
      http = Net::HTTP.new(URI(url).host, 443)
      http.use_ssl = true
      http.verify_mode = OpenSSL::SSL::VERIFY_NONE
      http.get(URI(url).request_uri)
    end

    def encrypt(text, key)
      cipher = OpenSSL::Cipher.new("aes-128-ecb")
      cipher.encrypt
      cipher.key = key
      cipher.update(text) + cipher.final
    end
  end
end
