module Api
  class UsersController < ApplicationController
    protect_from_forgery with: :null_session

    def show
      user = User.find(params[:id])
      render json: user
    end

    def me
      render json: current_user.slice(:id, :email, :name)
    end

    def update
      current_user.update!(params.require(:user).permit!)
      render json: current_user.slice(:id, :email)
    end

    def profile
      current_user.update!(params.require(:profile).permit(:name, :bio))
      head :no_content
    end

    def avatar
      image = AvatarFetcher.new(params[:url]).call
      current_user.avatar.attach(io: StringIO.new(image), filename: "avatar.png")
      head :created
    end

    def import
      settings = YAML.unsafe_load(params[:settings])
      current_user.update!(settings: settings.slice("theme", "locale"))
      head :no_content
    end

    def restore
      state = Marshal.load(Base64.decode64(cookies[:state]))
      render json: { tab: state[:tab] }
    end

    def setting
      value = current_user.preferences.public_send(params[:key])
      render json: { value: value }
    end

    def report
      klass = "#{params[:kind].classify}Report".constantize
      render json: klass.new(current_user).to_h
    end

    def locale
      settings = YAML.safe_load(params[:settings])
      render json: settings
    end
  end
end
