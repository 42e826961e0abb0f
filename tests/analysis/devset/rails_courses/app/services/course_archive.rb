require "zip"
require "rubygems/package"

class CourseArchive
  def initialize(path, target)
    @path = path
    @target = target
  end

  def unpack
    Zip::File.open(@path) do |zip|
      zip.each do |entry|
        destination = File.join(@target, entry.name)
        FileUtils.mkdir_p(File.dirname(destination))
        entry.extract(destination) { true }
      end
    end
  end

  def unpack_tar(io)
    Gem::Package::TarReader.new(io).each do |entry|
      path = File.expand_path(entry.full_name, @target)
      next unless path.start_with?(File.expand_path(@target) + File::SEPARATOR)

      File.binwrite(path, entry.read)
    end
  end
end
