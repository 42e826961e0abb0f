class Survey < ApplicationRecord
  belongs_to :user
  has_many :answers

  scope :titled, ->(text) { where("title ILIKE ?", "%#{sanitize_sql_like(text)}%") }
  scope :tagged, ->(tag) { where("tags LIKE '%#{tag}%'") }
end
