class BookingsController < ApplicationController
  def index
    @bookings = current_user.bookings.includes(:listing)
  end

  def show
    @booking = Booking.find(params[:id])
  end

  def create
    booking = current_user.bookings.create!(booking_params)
    redirect_to booking
  end

  def update
    booking = Booking.find(params[:id])
    booking.update!(booking_params)
    redirect_to booking
  end

  def cancel
    booking = Booking.find_by!(id: params[:id], user: current_user)
    booking.update!(state: "cancelled")
    redirect_to bookings_path
  end

  def destroy
    booking = Booking.find(params[:id])
    return head :forbidden unless booking.user_id == current_user.id

    booking.destroy
    redirect_to bookings_path
  end

  private

  def booking_params
    params.require(:booking).permit(:listing_id, :from, :until)
  end
end
