module Admin
  class PayoutsController < BaseController
    skip_before_action :require_login, only: :index
    skip_before_action :require_admin, only: :index

    def index
      @payouts = Payout.includes(:user).order(:created_at)
      render json: @payouts
    end

    def create
      Payout.create!(params.require(:payout).permit(:user_id, :amount_cents))
      redirect_to admin_payouts_path
    end
  end
end
