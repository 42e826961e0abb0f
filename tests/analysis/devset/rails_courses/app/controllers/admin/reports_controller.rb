module Admin
  class ReportsController < ApplicationController
    before_action :require_admin!, except: [:download]

    def index
      @reports = Report.order(created_at: :desc).page(params[:page])
    end

    def create
      report = Report.create!(report_params.merge(author: current_user))
      ReportJob.perform_later(report.id, params[:columns])
      redirect_to admin_report_path(report)
    end

    def download
      report = Report.find(params[:id])
      send_data report.body, filename: "report.csv"
    end

    private

    def report_params
      params.require(:report).permit(:name, :since)
    end
  end
end
