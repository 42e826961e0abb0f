class UsersController < ApplicationController
  before_action :require_login

  def show
    @user = User.find(params[:id])
    render json: @user
  end

  def update
    current_user.update(params.require(:user).permit(:email, :name))
    head :ok
  end
end
