require "csv"

class SurveyCsv
  def initialize(survey)
    @survey = survey
  end

  def to_s
    CSV.generate do |csv|
      csv << %w[rating text]
      @survey.answers.each { |answer| csv << [answer.rating, answer.text] }
    end
  end
end
