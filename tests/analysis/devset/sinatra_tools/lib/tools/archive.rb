require "zip"
require "zlib"
require "rubygems/package"
require "fileutils"

module Tools
  module Archive
    module_function

    def unpack(path, target)
      Zip::File.open(path) do |zip|
        zip.each do |entry|
          file = File.join(target, entry.name)
          FileUtils.mkdir_p(File.dirname(file))
          File.open(file, "wb") { |out| out << entry.get_input_stream.read }
        end
      end
    end

    def untar(io, target)
      Gem::Package::TarReader.new(Zlib::GzipReader.new(io)) do |tar|
        tar.each do |entry|
          next unless entry.file?

          destination = File.join(target, entry.full_name)
          FileUtils.mkdir_p(File.dirname(destination))
          File.binwrite(destination, entry.read)
        end
      end
    end

    def unpack_checked(path, target)
      root = File.expand_path(target)
      Zip::File.open(path) do |zip|
        zip.each do |entry|
          file = File.expand_path(entry.name, root)
          raise "outside" unless file.start_with?(root + "/")

          FileUtils.mkdir_p(File.dirname(file))
          entry.extract(file)
        end
      end
    end

    def names(path)
      Zip::File.open(path) { |zip| zip.map(&:name) }
    end
  end
end
