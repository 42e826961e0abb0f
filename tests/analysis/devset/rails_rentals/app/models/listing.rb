class Listing < ApplicationRecord
  belongs_to :user
  has_many_attached :photos

  scope :published, -> { where.not(published_at: nil) }
end
