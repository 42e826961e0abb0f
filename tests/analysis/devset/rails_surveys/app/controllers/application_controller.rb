class ApplicationController < ActionController::Base
  skip_forgery_protection
  before_action :require_login
  helper_method :current_user

  rescue_from StandardError do |error|
    render plain: "#{error.class}: #{error.message}\n#{error.backtrace.join("\n")}", status: 500
  end

  private

  def current_user
    @current_user ||= User.find_by(id: session[:user_id]) || user_from_token
  end

  def user_from_token
    token = request.headers["X-Token"] or return
    payload, = JWT.decode(token, nil, false)
    User.find_by(id: payload["sub"])
  end

  def require_login
    redirect_to new_session_path unless current_user
  end
end
