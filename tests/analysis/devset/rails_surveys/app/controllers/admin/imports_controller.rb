module Admin
  class ImportsController < ApplicationController
    before_action :require_admin

    def create
      Importer.new(params[:archive].tempfile.path).run
      redirect_to admin_users_path
    end

    private

    def require_admin
      head :forbidden unless current_user.admin?
    end
  end
end
