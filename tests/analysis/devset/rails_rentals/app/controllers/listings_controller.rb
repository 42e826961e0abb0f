class ListingsController < ApplicationController
  skip_before_action :require_login, only: %i[index show]
  before_action :set_listing, only: %i[edit update destroy]

  def index
    @listings = Listing.published.order(created_at: :desc)
  end

  def show
    @listing = Listing.published.find(params[:id])
  end

  def new
    @listing = Listing.new
  end

  def create
    @listing = current_user.listings.new(listing_params)
    if @listing.save
      redirect_to @listing
    else
      render :new, status: :unprocessable_entity
    end
  end

  def edit; end

  def update
    if @listing.update(listing_params)
      redirect_to @listing
    else
      render :edit, status: :unprocessable_entity
    end
  end

  def destroy
    @listing.destroy
    redirect_to listings_path
  end

  private

  def set_listing
    @listing = current_user.listings.find(params[:id])
  end

  def listing_params
    params.require(:listing).permit(:title, :description, :price_cents)
  end
end
