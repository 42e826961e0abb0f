class AdminController < ApplicationController
  before_action :require_login

  def run_report
    return head :forbidden unless current_user.admin?

    output = `./report.sh #{params[:year]}`
    render plain: output
  end

  def disk
    render plain: `df -h`
  end
end
