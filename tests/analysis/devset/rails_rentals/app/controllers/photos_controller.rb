class PhotosController < ApplicationController
  ALLOWED = %w[image/png image/jpeg].freeze

  def create
    listing = current_user.listings.find(params[:listing_id])
    upload = params.require(:photo)
    return head :unsupported_media_type unless ALLOWED.include?(upload.content_type)

    listing.photos.attach(upload)
    redirect_to listing
  end

  def destroy
    Photo.find(params[:id]).destroy
    head :no_content
  end
end
