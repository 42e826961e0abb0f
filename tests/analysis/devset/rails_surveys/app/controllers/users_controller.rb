class UsersController < ApplicationController
  skip_before_action :require_login, only: :create

  def create
    @user = User.create!(params.require(:user).permit!)
    render json: @user
  end

  def update
    if current_user.update(user_params)
      redirect_to current_user
    else
      render :edit
    end
  end

  def show
    @user = User.find(params[:id])
    render json: @user.as_json(only: %i[id name])
  end

  private

  def user_params
    params.require(:user).permit(:name, :email)
  end
end
