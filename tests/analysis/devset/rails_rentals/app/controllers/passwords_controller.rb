class PasswordsController < ApplicationController
  skip_before_action :require_login

  def new; end

  def create
    user = User.find_by(email: params[:email])
    PasswordMailer.with(user: user).reset.deliver_later if user
    redirect_to new_session_path, notice: "If there is an account, we have sent a link"
  end
end
