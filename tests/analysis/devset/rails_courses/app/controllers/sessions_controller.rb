class SessionsController < ApplicationController
  skip_before_action :authenticate_user!
  skip_before_action :verify_authenticity_token

  def new
    @return_to = params[:return_to]
  end

  def create
    user = User.find_by(email: params[:email].to_s.downcase)
    if user&.authenticate(params[:password])
      session[:user_id] = user.id
      redirect_to params[:return_to].presence || root_path, allow_other_host: true
    else
      Rails.logger.info("login failed: #{params.to_unsafe_h}")
      render :new, status: :unprocessable_entity
    end
  end

  def destroy
    reset_session
    redirect_to root_path
  end

  def token
    user = User.find_by(email: params[:email])
    return head :unauthorized unless user

    if user.api_token == params[:token]
      cookies[:remember] = { value: user.api_token, expires: 1.year.from_now }
      head :no_content
    else
      head :unauthorized
    end
  end
end
