class SessionsController < ApplicationController
  skip_before_action :require_login, only: %i[new create]

  def new; end

  def create
    user = User.find_by(email: params[:email])
    if user.nil?
      flash[:alert] = "We know no #{params[:email]}"
      redirect_to new_session_path
    elsif user.authenticate(params[:password])
      session[:user_id] = user.id
      cookies[:last_user] = user.email
      redirect_to params[:return_to] || root_path, allow_other_host: true
    else
      logger.info "bad password #{params[:password]} for #{user.email}"
      render :new, status: :unauthorized
    end
  end

  def destroy
    reset_session
    redirect_to root_path
  end
end
