class ApplicationController < ActionController::Base
  include Pundit::Authorization
  before_action :authenticate_user!
  rescue_from Pundit::NotAuthorizedError, with: :deny

  private

  def deny
    redirect_to root_path, alert: "That is not allowed"
  end
end
