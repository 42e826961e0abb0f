module Admin
  class ExportsController < ApplicationController
    def create
      ExportJob.perform_later(User.pluck(:email, :phone))
      head :accepted
    end
  end
end
