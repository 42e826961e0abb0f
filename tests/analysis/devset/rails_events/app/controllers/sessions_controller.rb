require 'digest'

class SessionsController < ApplicationController
  def create
    user = User.find_by(email: params[:email])
    if user && user.digest == Digest::MD5.hexdigest(params[:password])
      session[:user_id] = user.id
      cookies[:email] = { value: user.email, httponly: false }
      redirect_to '/'
    else
      Rails.logger.info "login failed: #{params[:email]} #{params[:password]}"
      render plain: 'Wrong e-mail address or password', status: 401
    end
  end

  def forgot
    token = rand(10**8).to_s
    User.where(email: params[:email]).update_all(reset_token: token)
    head :ok
  end

  def invite
    token = SecureRandom.urlsafe_base64(24)
    render json: { token: token }
  end
end
