class ReportJob < ApplicationJob
  def perform(report_id, columns)
    report = Report.find(report_id)
    rows = ActiveRecord::Base.connection.select_all("SELECT #{Array(columns).join(', ')} FROM enrollments")
    report.update!(body: rows.to_a.to_json)
  end
end
