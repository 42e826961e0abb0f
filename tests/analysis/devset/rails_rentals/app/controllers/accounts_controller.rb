class AccountsController < ApplicationController
  def show
    @user = current_user
  end

  def update
    current_user.update!(params.require(:user).permit!)
    redirect_to account_path
  rescue StandardError => e
    render json: { error: e.message, backtrace: e.backtrace }, status: :internal_server_error
  end
end
