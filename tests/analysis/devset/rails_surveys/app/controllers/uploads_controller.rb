class UploadsController < ApplicationController
  ROOT = Rails.root.join("public", "uploads")

  def create
    file = params[:file]
    File.open(ROOT.join(file.original_filename), "wb") { |out| out.write(file.read) }
    redirect_to root_path
  end

  def show
    send_file File.join(ROOT, params[:id])
  end

  def preview
    name = File.basename(params[:id])
    send_file ROOT.join(name), disposition: "inline"
  end
end
