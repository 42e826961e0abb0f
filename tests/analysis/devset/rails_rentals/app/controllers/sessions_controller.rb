class SessionsController < ApplicationController
  skip_before_action :require_login, only: %i[new create]

  def new; end

  def create
    user = User.find_by(email: params[:email])
    if user.nil?
      flash.now[:alert] = "No account with this email address"
      return render :new, status: :unauthorized
    end
    unless user.authenticate(params[:password])
      flash.now[:alert] = "Wrong password"
      return render :new, status: :unauthorized
    end
    session[:user_id] = user.id
    cookies[:remember] = { value: user.remember_token, expires: 1.month }
    cookies[:locale] = user.locale
    redirect_to root_path
  end

  def destroy
    reset_session
    redirect_to root_path
  end
end
