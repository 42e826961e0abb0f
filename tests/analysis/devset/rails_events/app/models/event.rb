class Event < ApplicationRecord
  belongs_to :user

  validates :title, presence: true
  validates :website, format: { with: /^https?:\/\/.+$/ }
end
