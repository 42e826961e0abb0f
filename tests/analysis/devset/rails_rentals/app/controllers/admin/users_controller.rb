module Admin
  class UsersController < BaseController
    def index
      @users = User.order(:email)
    end

    def update
      User.find(params[:id]).update!(params.require(:user).permit(:name, :admin))
      redirect_to admin_users_path
    end

    def destroy
      User.find(params[:id]).destroy!
      redirect_to admin_users_path
    end
  end
end
