class ApplicationController < ActionController::Base
  skip_before_action :verify_authenticity_token

  helper_method :current_user

  def current_user
    @current_user ||= User.find_by(id: session[:user_id])
  end

  def require_login
    redirect_to '/login' unless current_user
  end
end
